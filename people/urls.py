from django.urls import path

from .views import invitations, member, members

app_name = "people"
urlpatterns = [
    path("members/", members.members, name="members"),
    path("members/new/", members.member_new, name="member_new"),
    path("members/list/", members.member_list_new, name="member_list_new"),
    path("members/invitations/", invitations.invitations, name="member_invitations"),
    path("members/<int:pk>/", member.member, name="member"),
    path("members/<int:pk>/remove/", member.remove, name="member_remove"),
    path("members/<int:pk>/again/", member.again, name="member_again"),
    path("members/<int:pk>/roles/", member.role_grant, name="member_role_grant"),
    path("members/<int:pk>/roles/<int:grant>/end/", member.role_end, name="member_role_end"),
    path("members/<int:pk>/reset/", invitations.reset, name="member_reset"),
]
