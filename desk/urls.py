from django.urls import path

from desk.views import departments, members, styleguide, today

app_name = "desk"
urlpatterns = [
    path("", today.home, name="home"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("departments/new/", departments.department_new, name="department_new"),
    path("d/<slug:code>/", today.today, name="today"),
    path("d/<slug:code>/members/<int:pk>/correct/", members.correct, name="member_correct"),
    path("d/<slug:code>/members/<int:pk>/leave/", members.leave, name="member_leave"),
    path("d/<slug:code>/members/<int:pk>/stay/", members.stay, name="member_stay"),
    path("d/<slug:code>/members/<int:pk>/move/", members.move, name="member_move"),
]
