from django.urls import path

from handover.views import cases

urlpatterns = [
    path("cases/", cases.cases, name="cases"),
    path("cases/new/", cases.case_new, name="case_new"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>/clocks/", cases.case_clocks, name="case_clocks"),
    path("cases/<int:pk>/picture/", cases.case_picture, name="case_picture"),
    path("cases/<int:pk>/assign/", cases.case_assign, name="case_assign"),
    path("cases/<int:pk>/steps/<int:step>/", cases.case_step, name="case_step"),
    path("cases/<int:pk>/note/", cases.case_note, name="case_note"),
    path("cases/<int:pk>/about/", cases.case_about, name="case_about"),
    path("cases/<int:pk>/close/", cases.case_close, name="case_close"),
    path("cases/<int:pk>/correct/", cases.case_correct, name="case_correct"),
    path("cases/months/<month:month>/", cases.case_month, name="case_month"),
]
